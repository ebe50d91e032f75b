/// Failed attempts by address and by sign-in name, and how often a credential may be used.
package dev.gatehouse.throttle;
