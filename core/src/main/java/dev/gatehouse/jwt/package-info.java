/// JSON Web Tokens that the gate issues: short access tokens, and refresh tokens to get more.
package dev.gatehouse.jwt;
