/// Signing in with a browser: the pages, which need no script.
package dev.gatehouse.server.signin;
