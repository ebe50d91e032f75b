package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.Webhook;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.hmac.GatehouseProfile;
import dev.gatehouse.hmac.HmacAuthenticator;
import dev.gatehouse.hmac.HmacSettings;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.SignatureProfile;
import dev.gatehouse.hmac.SignatureVerifier;
import dev.gatehouse.hmac.aws.AwsProfile;
import dev.gatehouse.hmac.message.MessageSignatureProfile;
import dev.gatehouse.hmac.webhook.WebhookProfile;
import dev.gatehouse.server.admin.AccountCalls;
import dev.gatehouse.server.admin.CallGroup;
import dev.gatehouse.server.admin.SignatureKeyCalls;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.ListenConfig;
import dev.gatehouse.server.config.MethodsConfig;
import dev.gatehouse.server.config.RouteConfig;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Signed requests, in each of the forms in which they are signed. The record of uses lasts:
/// [LastingParts#replayStore].
final class HmacMethod implements MethodPart {

  final SignatureKeys keys;

  private final GatehouseConfig config;
  private final @Nullable Authenticator authenticator;

  HmacMethod(Services services) {
    config = services.config;
    keys =
        new SignatureKeys(
            services.lasting.database.signatureKeys(),
            services.accounts,
            services.lasting.seal,
            services.ownSecrets,
            services.clock);
    authenticator = services.accepts(Method.HMAC) ? authenticator(services) : null;
  }

  private Authenticator authenticator(Services services) {
    LastingParts lasting = services.lasting;
    MethodsConfig.Hmac hmac = config.methods().hmac();
    HmacSettings settings = settings(config);
    SignatureVerifier verifier =
        new SignatureVerifier(
            settings,
            lasting.database.signatureKeys(),
            keys,
            lasting.replayStore,
            services.roles,
            lasting.revocations,
            lasting.clock,
            lasting.ticker);
    List<SignatureProfile> profiles = new ArrayList<>();
    profiles.add(new GatehouseProfile(verifier));
    profiles.add(new MessageSignatureProfile(hmac.messageSignatures(), verifier));
    hmac.aws().ifPresent(aws -> profiles.add(new AwsProfile(aws, verifier)));
    profiles.add(new WebhookProfile(hmac.webhooks(), verifier, lasting.clock));
    return new HmacAuthenticator(settings, profiles);
  }

  private static HmacSettings settings(GatehouseConfig config) {
    MethodsConfig.Hmac hmac = config.methods().hmac();
    Set<String> hosts = new HashSet<>();
    config.publicUrl().ifPresent(url -> hosts.add(URI.create(url).getHost()));
    if (config.listen().transport() instanceof ListenConfig.DevelopmentTls) {
      hosts.addAll(List.of("localhost", "127.0.0.1", "[::1]"));
    }
    if (!hosts.isEmpty()) { // otherwise the gate's own names are not known
      config.routes().forEach(route -> route.host().ifPresent(hosts::add));
    }
    return new HmacSettings(config.realm(), hmac.window(), hmac.maxBodyBytes(), hosts);
  }

  @Override
  public Method method() {
    return Method.HMAC;
  }

  @Override
  public @Nullable Authenticator authenticator() {
    return authenticator;
  }

  @Override
  public List<Credentials<?>> issued() {
    return List.of(keys);
  }

  @Override
  public List<CallGroup> adminCalls(AccountCalls accounts) {
    Map<String, Webhook.Vendor> webhooks = new HashMap<>();
    for (RouteConfig route : config.routes()) {
      route.webhook().ifPresent(webhook -> webhooks.put(webhook.name(), webhook.vendor()));
    }
    return List.of(new SignatureKeyCalls(keys, webhooks, accounts));
  }
}
