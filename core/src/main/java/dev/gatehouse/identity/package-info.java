/// Who is calling, in a form that an upstream can check.
package dev.gatehouse.identity;
