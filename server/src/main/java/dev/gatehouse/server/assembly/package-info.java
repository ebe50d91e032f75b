/// Puts a gate together from its parts, and takes it apart again. [Assembly] is the whole,
/// [LastingParts] is what lasts while the process runs, and [ConfiguredParts] is what one
/// configuration creates. [Methods] lists what each method contributes.
///
/// This is the only package that knows every method and every store. Commands use it; nothing else
/// does.
package dev.gatehouse.server.assembly;
