/// Contract suites for the ports, and what their tests share.
package dev.gatehouse.testkit;
