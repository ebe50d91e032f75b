/// The ports of the core on real storage.
package dev.gatehouse.store;
