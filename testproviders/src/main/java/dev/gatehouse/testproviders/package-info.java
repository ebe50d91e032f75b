/// Providers by other people's software, each a program of its own: what they bring stays off the
/// gate's class path.
@NullMarked
package dev.gatehouse.testproviders;

import org.jspecify.annotations.NullMarked;
