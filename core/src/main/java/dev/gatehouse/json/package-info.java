/// Reads JSON that comes from outside, strictly (I-JSON, RFC 7493).
package dev.gatehouse.json;
