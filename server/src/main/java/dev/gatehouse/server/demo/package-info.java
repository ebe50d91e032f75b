/// The sample API of the demo: a real upstream, small enough to read.
package dev.gatehouse.server.demo;
