/// The data folder: its lock, its permissions, and the files in it that hold secrets.
package dev.gatehouse.server.folder;
