/// When credentials were last used.
package dev.gatehouse.usage;
