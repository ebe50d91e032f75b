import org.jspecify.annotations.NullMarked;

/// The gate as a process.
@NullMarked
module dev.gatehouse.server {
  requires static java.compiler; // the pages' generated code says that it is generated
  requires static org.jspecify;
  requires dev.gatehouse.core;
  requires dev.gatehouse.store;
  requires ch.qos.logback.classic;
  requires ch.qos.logback.core;
  requires com.fasterxml.jackson.core;
  requires com.nimbusds.jose.jwt;
  requires oauth2.oidc.sdk;
  requires gg.jte.runtime;
  requires info.picocli;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires com.github.benmanes.caffeine;
  requires io.vertx.core;
  requires java.net.http;
  requires jdk.httpserver;
  requires jdk.management; // how many files the process may open
  requires org.bouncycastle.pkix;
  requires org.bouncycastle.provider;
  requires org.slf4j;
  requires org.snakeyaml.engine;

  // Logback makes what logback.xml names.
  exports dev.gatehouse.server.log to
      ch.qos.logback.core;

  // picocli sets the options of commands.
  opens dev.gatehouse.server.cli to
      info.picocli;
}
