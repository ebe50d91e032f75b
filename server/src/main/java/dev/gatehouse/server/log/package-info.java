/// How log lines are written: without waiting, at a bounded rate, and without the messages of
/// exceptions of libraries.
package dev.gatehouse.server.log;
