package dev.grain.key;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Shows the one key pair to whoever asks for a key. */
final class KeyOffer extends X509ExtendedKeyManager {
  private static final String ALIAS = "cluster";

  private final OfferedKey pair;

  KeyOffer(OfferedKey pair) {
    this.pair = pair;
  }

  private @Nullable String aliasFor(String... types) {
    for (String type : types) {
      if (type.equals(pair.privateKey().getAlgorithm())) {
        return ALIAS;
      }
    }
    return null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return aliasFor(types);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return aliasFor(type);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return new X509Certificate[] {pair.certificate()};
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return pair.privateKey();
  }

  // those that sockets ask, for completeness

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return aliasFor(types);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return aliasFor(type);
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
    return aliases(type);
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
    return aliases(type);
  }

  private String @Nullable [] aliases(String type) {
    String alias = aliasFor(type);
    return alias == null ? null : new String[] {alias};
  }
}
