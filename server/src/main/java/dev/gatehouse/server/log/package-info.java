/// How lines of the log are written: without waiting, at a bounded rate, and without what foreign
/// exceptions quote.
package dev.gatehouse.server.log;
