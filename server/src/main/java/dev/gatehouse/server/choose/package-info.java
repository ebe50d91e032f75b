/// Helps to choose among the seven methods: the questions, the advice, and client code.
///
/// The decision tree is plain code over the answers and needs no running gate. `gatehouse choose`
/// prints its advice, and the demo shows it as a page.
package dev.gatehouse.server.choose;
