/// Sessions: a cookie proves the browser of a person who signed in.
package dev.gatehouse.session;
