/// OpenID providers made of other software, for end-to-end tests. Each is a separate program, so
/// its dependencies are not on the gate's class path.
@NullMarked
package dev.gatehouse.testproviders;

import org.jspecify.annotations.NullMarked;
