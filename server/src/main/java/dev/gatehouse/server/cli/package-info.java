/// The command line: each command is a class. [dev.gatehouse.server.assembly] puts the gate
/// together that some of them start.
package dev.gatehouse.server.cli;
