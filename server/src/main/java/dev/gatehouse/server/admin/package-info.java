/// The admin API: accounts and keys, managed while the gate runs.
package dev.gatehouse.server.admin;
