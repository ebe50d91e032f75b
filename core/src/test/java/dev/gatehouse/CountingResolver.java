package dev.gatehouse;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/// Stands in for name servers in these tests: notes every question, and answers none.
public final class CountingResolver extends InetAddressResolverProvider {

  private static final List<String> ASKED = new CopyOnWriteArrayList<>();

  /// For the service loader.
  public CountingResolver() {}

  static void reset() {
    ASKED.clear();
  }

  static List<String> asked() {
    return ASKED;
  }

  @Override
  public String name() {
    return "counting";
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        ASKED.add(host);
        throw new UnknownHostException(host);
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        throw new UnknownHostException("no names here");
      }
    };
  }
}
