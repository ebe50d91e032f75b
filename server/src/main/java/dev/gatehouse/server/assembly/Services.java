package dev.gatehouse.server.assembly;

import dev.gatehouse.Method;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.Roles;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.oauth.ProviderTokens;
import dev.gatehouse.password.PasswordSettings;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.OwnSecretForms;
import java.time.Clock;

/// What the methods of one configuration share: its settings, accounts, passwords, and people of
/// providers. Belongs to one [ConfiguredParts]; the services are thread-safe.
final class Services {

  final LastingParts lasting;
  final GatehouseConfig config;

  /// What is closed when the configuration is no longer in force.
  final Opened opened;

  final Clock clock;
  final Roles roles;
  final OwnSecrets ownSecrets;
  final Accounts accounts;
  final PasswordSettings passwordSettings;
  final Passwords passwords;
  final Invitations invitations;
  final Links links;
  final ProviderTokens providerTokens;

  Services(LastingParts lasting, GatehouseConfig config, Opened opened) {
    this.lasting = lasting;
    this.config = config;
    this.opened = opened;
    clock = lasting.clock;
    roles = new Roles(config.roles());
    ownSecrets = OwnSecretForms.withApiKeys(config.methods().apiKeyPrefix());
    accounts = new Accounts(lasting.database.accounts(), roles, clock);
    passwordSettings = LastingParts.passwordSettings(config.passwords());
    passwords =
        new Passwords(
            passwordSettings,
            ownSecrets,
            lasting.hashes,
            lasting.database.passwords(),
            accounts,
            lasting.signInAttempts,
            clock);
    invitations = new Invitations(lasting.database.invitations(), accounts, clock);
    links = new Links(lasting.database.links(), invitations, accounts, clock);
    providerTokens = new ProviderTokens(lasting.database.links(), lasting.seal);
  }

  /// Whether some route accepts the method. A method that no route accepts claims nothing: its
  /// credentials may be the upstream's own.
  boolean accepts(Method method) {
    return config.accepted().contains(method);
  }

  /// The origin by which clients reach the gate. Known once the gate listens: waits for that.
  String origin() {
    return config.publicUrl().orElseGet(() -> lasting.address.join().toString());
  }
}
