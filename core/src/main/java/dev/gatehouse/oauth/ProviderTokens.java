package dev.gatehouse.oauth;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.secret.Seal;
import java.text.ParseException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Stores the tokens of providers, sealed in the row of the link. A token is deleted together with
/// its link. Thread-safe; every method may block, and throws
/// [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public final class ProviderTokens {

  /// A token, and the row that it was read from.
  public record Kept(LinkStore.SealedToken row, ProviderToken token) {

    /// Returns the id of the link.
    public String link() {
      return row.link();
    }
  }

  private static final int MAX_TOKEN_CHARS = 65_536;

  private final LinkStore store;
  private final Seal seal;

  /// @param store where links are stored
  /// @param seal seals and opens the tokens
  public ProviderTokens(LinkStore store, Seal seal) {
    this.store = store;
    this.seal = seal;
  }

  /// Stores the token in place of any earlier one. Does nothing if the link does not exist. A token
  /// of more than 64 KiB is not stored, and any earlier one is deleted.
  ///
  /// @param issuer the issuer of the link and of the token
  public void keep(String linkId, String issuer, ProviderToken token) {
    store.keepToken(linkId, sealed(linkId, issuer, token));
  }

  /// Stores the token as [#keep] does (null: none), but only in place of the given one.
  ///
  /// @return false, and nothing changed, if another token was stored since that one was read, or
  ///   none is stored
  public boolean replace(Kept before, String issuer, @Nullable ProviderToken token) {
    return store.replaceToken(
        before.row, token == null ? null : sealed(before.link(), issuer, token));
  }

  private @Nullable String sealed(String linkId, String issuer, ProviderToken token) {
    String text = text(token);
    return text.length() > MAX_TOKEN_CHARS ? null : seal.seal(text, place(linkId, issuer));
  }

  /// Returns the stored token of that issuer for the account of that id. If there are several
  /// links, it is that of the link that was used last. Throws [Seal.BrokenSealException] if it was
  /// sealed for another row or another issuer.
  public Optional<Kept> of(String account, String issuer) {
    return store
        .token(account, issuer)
        .map(kept -> new Kept(kept, read(seal.open(kept.sealed(), place(kept.link(), issuer)))));
  }

  private static String text(ProviderToken token) {
    Map<String, @Nullable Object> members = new HashMap<>();
    members.put("access", token.accessToken());
    members.put("refresh", token.refreshToken());
    members.put("scopes", List.copyOf(token.scopes()));
    Instant expiresAt = token.expiresAt();
    members.put("expiresAt", expiresAt == null ? null : expiresAt.toString());
    return JSONObjectUtils.toJSONString(members);
  }

  private static ProviderToken read(String text) {
    try {
      Map<String, Object> members = JSONObjectUtils.parse(text);
      String expiresAt = JSONObjectUtils.getString(members, "expiresAt");
      return new ProviderToken(
          Objects.requireNonNull(JSONObjectUtils.getString(members, "access")),
          JSONObjectUtils.getString(members, "refresh"),
          new TreeSet<>(JSONObjectUtils.getStringList(members, "scopes")),
          expiresAt == null ? null : Instant.parse(expiresAt));
    } catch (ParseException impossible) {
      throw new AssertionError("what opens here was written here", impossible);
    }
  }

  private static String place(String linkId, String issuer) {
    return "provider_link/" + linkId + "/sealed_token/" + issuer;
  }
}
