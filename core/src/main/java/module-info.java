import org.jspecify.annotations.NullMarked;

/// The gate as a library.
@NullMarked
module dev.gatehouse.core {
  requires static transitive org.jspecify;
  requires transitive com.github.benmanes.caffeine;
  requires transitive com.nimbusds.jose.jwt;
  requires org.slf4j;
  requires io.github.bucket4j.core;
  requires org.bouncycastle.provider;
  requires structured.fields;

  exports dev.gatehouse;
  exports dev.gatehouse.account;
  exports dev.gatehouse.throttle;
  exports dev.gatehouse.usage;
  exports dev.gatehouse.identity;
  exports dev.gatehouse.apikey;
  exports dev.gatehouse.basic;
  exports dev.gatehouse.bearer;
  exports dev.gatehouse.credential;
  exports dev.gatehouse.hmac;
  exports dev.gatehouse.hmac.aws;
  exports dev.gatehouse.hmac.message;
  exports dev.gatehouse.hmac.webhook;
  exports dev.gatehouse.password;
  exports dev.gatehouse.session;
  exports dev.gatehouse.json;
  exports dev.gatehouse.jwt;
  exports dev.gatehouse.mtls;
  exports dev.gatehouse.oauth;
  exports dev.gatehouse.replay;
  exports dev.gatehouse.revocation;
  exports dev.gatehouse.route;
  exports dev.gatehouse.secret;
  exports dev.gatehouse.signing;

  // Faster signatures, where they are.
  uses java.security.Provider;
}
