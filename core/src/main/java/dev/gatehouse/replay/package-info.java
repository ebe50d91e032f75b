/// What may be used once: the record of signatures, sign-ins and one-time codes that were used, by
/// which a second use is refused. Several methods share it.
package dev.gatehouse.replay;
