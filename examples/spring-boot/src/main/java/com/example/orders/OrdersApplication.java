package com.example.orders;

import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class OrdersApplication {

  public static void main(String[] arguments) {
    SpringApplication.run(OrdersApplication.class, arguments);
  }

  @GetMapping("/orders")
  Map<String, Object> orders(@AuthenticationPrincipal Jwt identity) {
    String scope = identity.getClaimAsString("scope");
    return Map.of(
        "orders",
        List.of(),
        "caller",
        Map.of(
            "subject", identity.getSubject(),
            "method", identity.getClaimAsString("auth_method"),
            "scopes", scope == null ? List.of() : List.of(scope.split(" ")),
            "credential", identity.getClaimAsString("credential")));
  }
}
