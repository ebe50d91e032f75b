/// Which part of the API a request is for, on a path that was normalised once.
package dev.gatehouse.route;
