/// Failed attempts by address, and how often a credential may be used.
package dev.gatehouse.throttle;
