/// Contract suites for the ports of the core, and tools that tests share.
///
/// Each port to a store has a suite `…Contract`, an abstract class with JUnit tests. To test an
/// implementation, extend the suite and return its stores in `open`. All implementations, in memory
/// and in SQL, run the same tests. [dev.gatehouse.testkit.Race] runs concurrent callers, and
/// [dev.gatehouse.testkit.FixedClock] is a clock that a test moves.
package dev.gatehouse.testkit;
