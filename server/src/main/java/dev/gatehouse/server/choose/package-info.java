/// Which of the seven methods suits whom: the questions, the advice, and the client code for it.
///
/// The decision tree is plain code over the answers and needs no running gate: `gatehouse choose`
/// prints what it says, and the demo shows it as a page.
package dev.gatehouse.server.choose;
