package dev.gatehouse.basic;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.RootCredential;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Roles;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.password.StoredPassword;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.KeyedDigest;
import dev.gatehouse.throttle.AddressGroup;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Authenticates a person who sends a name and a password with each request (RFC 7617).
///
/// Thread-safe. A verification makes at most one look-up and one slow hash, and one more hash if
/// the stored one was made with other settings than those of today.
public final class BasicAuthenticator implements Authenticator {

  private static final String SCHEME = "Basic";

  private final BasicSettings settings;
  private final Passwords passwords;
  private final Roles roles;
  private final KeyedDigest memoryKeys = new KeyedDigest("basic");

  /// @param passwords verifies the passwords
  /// @param roles the roles of the accounts
  public BasicAuthenticator(BasicSettings settings, Passwords passwords, Roles roles) {
    this.settings = settings;
    this.passwords = passwords;
    this.roles = roles;
  }

  @Override
  public Method method() {
    return Method.BASIC;
  }

  @Override
  public Set<String> fields() {
    return Set.of();
  }

  @Override
  public Set<String> schemes() {
    return Set.of(SCHEME);
  }

  @Override
  public Challenge challenge(@Nullable Reason rejected) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("realm", settings.realm());
    // RFC 7617 §2.1: UTF-8 is the only allowed value, and browsers then send UTF-8.
    parameters.put("charset", "UTF-8");
    return new Challenge(SCHEME, parameters);
  }

  @Override
  public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
    return null;
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    String credentials = request.credentials(SCHEME);
    return credentials == null
        ? Presented.None.INSTANCE
        : PresentedBasic.parse(credentials)
            .<Presented>map(
                pair -> new Found(pair, request.peer(), memoryKey(pair, request.peer())))
            .orElse(MALFORMED_CREDENTIALS);
  }

  // The address is part of the key: a guess from another address must count as an attempt, which a
  // recall would not. The address always has the same length, so address and credentials cannot run
  // together.
  private Digest memoryKey(PresentedBasic pair, InetAddress from) {
    AddressGroup address = AddressGroup.of(from).getLast();
    byte[] bytes = pair.bytes();
    return memoryKeys.of(
        ByteBuffer.allocate(AddressGroup.BYTES + bytes.length)
            .put(address.bytes())
            .put(bytes)
            .array());
  }

  private final class Found implements Presented.Credential {

    private final PresentedBasic pair;
    private final InetAddress from;
    private final Digest memoryKey;

    Found(PresentedBasic pair, InetAddress from, Digest memoryKey) {
      this.pair = pair;
      this.from = from;
      this.memoryKey = memoryKey;
    }

    @Override
    public CredentialLocation location() {
      return CredentialLocation.AUTHORIZATION;
    }

    @Override
    public Digest memoryKey() {
      return memoryKey;
    }

    @Override
    public boolean isSlow() {
      return true;
    }

    @Override
    public Outcome verify() {
      return switch (passwords.verify(pair.name(), pair.password(), from)) {
        case Passwords.Verification.Verified(Account account, StoredPassword password) ->
            new Outcome.Accepted(
                new Principal(account.id(), Method.BASIC, password.id(), roles.of(account)),
                new Conditions(null, List.of(), null, Reason.INVALID_CREDENTIALS),
                RootCredential.ofSignIn(password.id()));
        case Passwords.Verification.Rejected(Outcome.Rejected rejected) -> rejected;
        case Passwords.Verification.Unavailable(Throwable cause) -> new Outcome.Unavailable(cause);
      };
    }
  }

  private static final Presented.Malformed MALFORMED_CREDENTIALS =
      new Presented.Malformed(
          CredentialLocation.AUTHORIZATION,
          new Outcome.Rejected(
              Reason.INVALID_CREDENTIALS,
              "Send Basic and the Base64 of a name, a colon and a password, in UTF-8",
              "wrong form; not looked up"));
}
