package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.server.gateway.Gateway;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.store.UnusableDatabaseException;
import io.vertx.core.Future;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A gate that serves, put together from two halves: the [LastingParts], and the [ConfiguredParts]
/// of the configuration that is in force. Methods may be called by any thread, [#close] and
/// [#replaceConfiguration] by one at a time.
public final class Assembly implements AutoCloseable {

  private final Opened opened = new Opened();
  private final Map<String, OwnPath> morePaths;
  private final LastingParts lasting;
  private final URI address;
  private final AdminAccess adminAccess;

  /// Starts a gate; throws [StartupException] that says in one line why it can't.
  public static Assembly start(GatehouseConfig config) {
    return start(config, DataFolder.open(config.data()), Map.of());
  }

  /// The same in a folder that is open already; closing the gate, or its failure, closes it.
  ///
  /// @param morePaths that the gate serves itself
  public static Assembly start(
      GatehouseConfig config, DataFolder folder, Map<String, OwnPath> morePaths) {
    return new Assembly(config, folder, morePaths);
  }

  private Assembly(GatehouseConfig config, DataFolder folder, Map<String, OwnPath> morePaths) {
    this.morePaths = Map.copyOf(morePaths);
    boolean started = false;
    Thread.ofPlatform().daemon().name("gatehouse-signatures").start(SigningAlgorithm::loadProvider);
    try {
      lasting = new LastingParts(config, folder, opened);
      ConfiguredParts configured = build(config);
      var _ = lasting.current.replace(configured);
      opened.add(() -> lasting.current.get().close());
      Listening listening = new Listening(lasting, config);
      adminAccess =
          AdminAccess.keep(
              folder, listening.startAdmin(), configured.services().accounts, apiKeys());
      // Last, so that a caller that can reach the gate finds all of it there.
      Listening.Main main = listening.startMain();
      address = main.address();
      lasting.address.complete(address);
      main.keepCertificates(new Housekeeping(lasting).begin(opened));
      opened.add(main::drain);
      started = true;
    } catch (UnusableDatabaseException unusable) {
      throw new StartupException(String.valueOf(unusable.getMessage()), unusable);
    } catch (Seal.BrokenSealException sealed) {
      throw new StartupException(
          "the master key is not the one that sealed the database in "
              + config.data()
              + ": restore master.key, or set "
              + DataFolder.MASTER_KEY_VARIABLE,
          sealed);
    } catch (StoreUnavailableException unavailable) {
      throw new StartupException(
          "the database does not answer: " + unavailable.getMessage(), unavailable);
    } finally {
      if (!started) {
        opened.close();
      }
    }
  }

  /// Puts another configuration in force. Each request that arrives from now on is judged by it.
  /// Requests and WebSockets that upstreams serve stay with the configuration under which they
  /// began, which is closed when the last of them is over.
  ///
  /// What lasts stays as it is: sockets, data, keys, what is remembered and counted. So a setting
  /// of what lasts, which ARCHITECTURE.md lists, does not change. Throws what building the
  /// configuration throws: then the one before stays in force. May block.
  ///
  /// @return completed when the configuration before is closed
  Future<Void> replaceConfiguration(GatehouseConfig next) {
    ConfiguredParts before = lasting.current.replace(build(next));
    return Objects.requireNonNull(before, "it was started with one")
        .gateway()
        .retire()
        .eventually(
            () -> {
              before.close();
              return Future.succeededFuture();
            });
  }

  private ConfiguredParts build(GatehouseConfig config) {
    return ConfiguredParts.build(new Services(lasting, config, new Opened()), morePaths);
  }

  /// Where callers reach the gate.
  public URI address() {
    return address;
  }

  /// The file of the development CA; null: the gate has another certificate, or none.
  public @Nullable Path developmentCaFile() {
    return lasting.serverCertificates.developmentCaFile();
  }

  public DataFolder folder() {
    return lasting.folder;
  }

  /// How an administrator reaches the gate.
  public AdminAccess adminAccess() {
    return adminAccess;
  }

  public Gateway gateway() {
    return inForce().gateway();
  }

  public List<Authenticator> authenticators() {
    return inForce().authenticators();
  }

  public Accounts accounts() {
    return inForce().services().accounts;
  }

  public Passwords passwords() {
    return inForce().services().passwords;
  }

  public Links links() {
    return inForce().services().links;
  }

  public ApiKeys apiKeys() {
    return inForce().methods().apiKey.keys;
  }

  public SignatureKeys signatureKeys() {
    return inForce().methods().hmac.keys;
  }

  public ClientCertificates certificates() {
    return inForce().methods().mutualTls.certificates;
  }

  private ConfiguredParts inForce() {
    return lasting.current.get();
  }

  /// Stops listening, finishes what was begun, and lets go of the data folder.
  @Override
  public void close() {
    opened.close();
  }
}
