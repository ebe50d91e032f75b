/// Guards the JDK's own HTTP server with the gate as a library.
@NullMarked
package dev.gatehouse.examples.embedded;

import org.jspecify.annotations.NullMarked;
