/// People and services: whom credentials belong to, and what they may do.
package dev.gatehouse.account;
