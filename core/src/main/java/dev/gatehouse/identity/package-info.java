/// Tells an upstream who the caller is, in a signed form that it can verify.
package dev.gatehouse.identity;
