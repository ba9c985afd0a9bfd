package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.wire.Connection.Down;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

final class CausesTest {
  @Test
  void ofTls_peerThatGivesUpInTheHandshake_hasLeftOnPurpose() {
    SSLException thrown =
        new SSLException(
            "Unexpected exception",
            new GeneralSecurityException(
                "Unexpected plaintext alert received: Level: warning; Alert: user_canceled"));
    assertThat(Causes.ofTls(thrown, "a peer"))
        .isEqualTo(
            new Down(Down.Kind.GOODBYE, "a peer closed the connection during the TLS handshake."));
  }

  @Test
  void ofTls_errorWithoutWords_namesWhatIsBehindIt() {
    SSLException thrown =
        new SSLException("Unexpected exception", new GeneralSecurityException("no such key"));
    assertThat(Causes.ofTls(thrown, "a peer"))
        .isEqualTo(
            new Down(
                Down.Kind.NOT_GRAIN,
                "a peer failed the TLS handshake: Unexpected exception "
                    + "(java.security.GeneralSecurityException: no such key)"));
  }
}
