/// Searches for inputs on which a parser does not do what it promises.
///
/// A [Target] is one parser of what comes from outside, together with what must hold for every
/// input. The targets stand in the packages of their parsers, since most parsers are package
/// private. Three searches use the same targets: a fuzzer that is guided by coverage (`./verify
/// --fuzz MINUTES`), inputs that are made from a seed, and the corpus, which every run of
/// `./verify` replays.
@NullMarked
package dev.gatehouse.search;

import org.jspecify.annotations.NullMarked;
