/// JSON that comes from outside.
package dev.gatehouse.json;
