/// Accounts of people and services: who owns credentials, and which roles and scopes they have.
///
/// [dev.gatehouse.account.Accounts] adds and changes them, and [dev.gatehouse.account.AccountStore]
/// is the port to storage. This package knows no kind of credential.
package dev.gatehouse.account;
