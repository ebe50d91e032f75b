/// The gate as a process.
package dev.gatehouse.server;
