/// Finds the route of a request by its host and path. The path is normalized once, before it is
/// matched and forwarded.
package dev.gatehouse.route;
