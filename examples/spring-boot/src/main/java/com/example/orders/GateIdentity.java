package com.example.orders;

import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtAudienceValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.web.SecurityFilterChain;

/// The caller is whom the gate's token names. Without a token, or with a wrong one: 401.
@Configuration
class GateIdentity {

  @Bean
  JwtDecoder identities(@Value("${gate.url}") String gate, @Value("${audience}") String audience) {
    var decoder =
        NimbusJwtDecoder.withJwkSetUri(gate + "/.well-known/jwks.json")
            .jwsAlgorithm(SignatureAlgorithm.ES256)
            .validateType(false) // the validator below checks it
            .build();
    var times = new JwtTimestampValidator(Duration.ofSeconds(5)); // by which clocks may differ
    times.setAllowEmptyExpiryClaim(false);
    decoder.setJwtValidator(
        JwtValidators.createDefaultWithValidators(
            times,
            new JwtTypeValidator("gatehouse-identity+jwt"),
            new JwtIssuerValidator("gatehouse"), // 'realm' in gatehouse.yaml
            new JwtAudienceValidator(audience)));
    return decoder;
  }

  @Bean
  SecurityFilterChain secured(HttpSecurity http) {
    return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .oauth2ResourceServer(
            server ->
                server
                    .bearerTokenResolver(request -> request.getHeader("Gatehouse-Identity"))
                    .jwt(Customizer.withDefaults()))
        .sessionManagement(
            sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .build();
  }
}
