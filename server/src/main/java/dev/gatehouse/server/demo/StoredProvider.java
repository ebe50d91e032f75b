package dev.gatehouse.server.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.folder.DataFolder;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.text.ParseException;
import java.util.Optional;

/// What the demo's provider stores in the data folder, so that it is the same issuer after a
/// restart and its tokens stay valid.
///
/// @param port where it listened; 0: nowhere yet
/// @param gateSecret of the gate, when it signs people in
/// @param serviceSecret of the service that asks for tokens of its own
/// @param key with which it signs
record StoredProvider(int port, String gateSecret, String serviceSecret, ECKey key) {

  private static final String FILE = "provider.json";

  /// Reads it from that folder. What is missing or damaged is made again.
  static StoredProvider in(DataFolder folder) {
    return folder.readPrivate(FILE).flatMap(StoredProvider::parsed).orElseGet(StoredProvider::made);
  }

  private static Optional<StoredProvider> parsed(String text) {
    try {
      JsonObject file = new JsonObject(text);
      int port = file.getInteger("port", 0);
      ECKey key = ECKey.parse(file.getJsonObject("key", new JsonObject()).getMap());
      String gateSecret = file.getString("gateSecret", "");
      String serviceSecret = file.getString("serviceSecret", "");
      boolean whole =
          key.isPrivate()
              && key.getCurve().equals(Curve.P_256)
              && gateSecret.length() == RandomIds.CHARS_256_BITS
              && serviceSecret.length() == RandomIds.CHARS_256_BITS
              && port > 0
              && port < 65_536;
      return whole
          ? Optional.of(new StoredProvider(port, gateSecret, serviceSecret, key))
          : Optional.empty();
    } catch (DecodeException | ClassCastException | ParseException damaged) {
      return Optional.empty();
    }
  }

  private static StoredProvider made() {
    try {
      return new StoredProvider(
          0,
          RandomIds.text(RandomIds.CHARS_256_BITS),
          RandomIds.text(RandomIds.CHARS_256_BITS),
          new ECKeyGenerator(Curve.P_256)
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(com.nimbusds.jose.JWSAlgorithm.ES256)
              .keyIDFromThumbprint(true)
              .generate());
    } catch (JOSEException failed) {
      throw new StartupException("no key could be made for the demo's provider", failed);
    }
  }

  /// Writes it, with the port where it listens now.
  StoredProvider keep(DataFolder folder, int now) {
    if (now != port) {
      folder.writePrivate(
          FILE,
          new JsonObject()
                  .put("port", now)
                  .put("gateSecret", gateSecret)
                  .put("serviceSecret", serviceSecret)
                  .put("key", new JsonObject(key.toJSONObject()))
                  .encodePrettily()
              + "\n");
    }
    return new StoredProvider(now, gateSecret, serviceSecret, key);
  }

  /// Names the port only.
  @Override
  public String toString() {
    return "StoredProvider[" + port + "]";
  }
}
