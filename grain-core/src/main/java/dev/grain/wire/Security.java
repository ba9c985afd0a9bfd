package dev.grain.wire;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How connections are protected: mutual TLS 1.3 with a cluster key, or not at all.
 *
 * <p>Either side must show that it has one of the key pairs of the other. Nothing else counts: no
 * name, no date, no authority.
 *
 * <p>May be shared by any number of endpoints.
 */
public final class Security {
  private static final String PROTOCOL = "TLSv1.3";
  private static final Security PLAIN_TEXT = new Security(null, null);

  private final @Nullable SslContext dialing;
  private final @Nullable SslContext accepting;

  private Security(@Nullable SslContext dialing, @Nullable SslContext accepting) {
    this.dialing = dialing;
    this.accepting = accepting;
  }

  /** Returns what lets in those that have the key, and nobody else. */
  public static Security tls(ClusterKey key) {
    OfferedKey offered = key.pairs().getFirst();
    KeyTrust trust = new KeyTrust(key.pairs());
    SslContextBuilder dialing =
        SslContextBuilder.forClient()
            .keyManager(offered.privateKey(), offered.certificate())
            // no names: the key is all that counts
            .endpointIdentificationAlgorithm(null);
    SslContextBuilder accepting =
        SslContextBuilder.forServer(offered.privateKey(), offered.certificate())
            .clientAuth(ClientAuth.REQUIRE);
    return new Security(build(dialing, trust), build(accepting, trust));
  }

  private static SslContext build(SslContextBuilder builder, KeyTrust trust) {
    try {
      return builder
          .sslProvider(SslProvider.JDK)
          .protocols(List.of(PROTOCOL))
          .trustManager(trust)
          .build();
    } catch (SSLException missing) {
      throw new IllegalStateException("This Java runtime offers no " + PROTOCOL, missing);
    }
  }

  /**
   * Returns what lets in everybody who can reach the port, and protects nothing on the way. Whoever
   * is let in can run code.
   */
  public static Security plainText() {
    return PLAIN_TEXT;
  }

  /** Returns whether there is no protection. */
  public boolean isPlainText() {
    return dialing == null;
  }

  @Nullable SslHandler dialing(ByteBufAllocator allocator) {
    return dialing == null ? null : handler(dialing, allocator);
  }

  @Nullable SslHandler accepting(ByteBufAllocator allocator) {
    return accepting == null ? null : handler(accepting, allocator);
  }

  private static SslHandler handler(SslContext context, ByteBufAllocator allocator) {
    SslHandler handler = context.newHandler(allocator);
    // the time-out of the hello covers this one
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }
}
