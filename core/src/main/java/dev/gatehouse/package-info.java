/// The hall: what every method shares.
package dev.gatehouse;
