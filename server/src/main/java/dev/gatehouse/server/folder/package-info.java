/// The data folder: who may enter it, one gate at a time, and the files in it that hold secrets.
package dev.gatehouse.server.folder;
