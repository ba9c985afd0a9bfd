package dev.grain.pulsar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queues of a server that wants to know who it is. */
final class PulsarCredentialsTest {
  private static final byte[] KEY = "a secret key of more than 32 bytes, for tests".getBytes(UTF_8);

  private final PulsarQueues queues = new PulsarQueues();

  /** Returns a token that says who somebody is. */
  private static String token(String who, byte[] key) throws GeneralSecurityException {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    String text =
        encoder.encodeToString("{\"alg\":\"HS256\"}".getBytes(UTF_8))
            + "."
            + encoder.encodeToString("{\"sub\":\"%s\"}".formatted(who).getBytes(UTF_8));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return text + "." + encoder.encodeToString(mac.doFinal(text.getBytes(UTF_8)));
  }

  private static QueueSettings settings(String token) {
    return new QueueSettings(Duration.ZERO, Map.of("PULSAR_TOKEN", token));
  }

  @Test
  void token_isUsedByClientAndApi_andAWrongOneIsNamed(@TempDir Path folder) throws Exception {
    Path key = Files.write(folder.resolve("key"), KEY);
    String admin = token("admin", KEY);
    Map<String, String> configuration =
        Map.of(
            "authenticationEnabled", "true",
            "authorizationEnabled", "true",
            "authenticationProviders",
                "org.apache.pulsar.broker.authentication.AuthenticationProviderToken",
            "tokenSecretKey", "file://" + key,
            "superUserRoles", "admin",
            "brokerClientAuthenticationPlugin",
                "org.apache.pulsar.client.impl.auth.AuthenticationToken",
            "brokerClientAuthenticationParameters", "token:" + admin);
    try (PulsarServer server = new PulsarServer(configuration)) {
      server.start();
      QueueAddress address =
          QueueAddress.parse("%s/params?admin=%s".formatted(server.service(), server.admin()));
      queues.create(address, settings(admin));
      queues.fill(address, settings(admin), List.of("a".getBytes(UTF_8)).iterator());
      try (QueueEngine engine = queues.open(address, settings(admin))) {
        Delivery delivery = null;
        while (delivery == null) {
          delivery = engine.next(Duration.ofMillis(100));
        }
        delivery.ack();
        while (!engine.isDrained()) {
          assertThat(engine.next(Duration.ofMillis(100))).isNull();
        }
      }
      String wrong = token("admin", "another secret key of more than 32 bytes".getBytes(UTF_8));
      assertThatThrownBy(() -> queues.open(address, settings(wrong)))
          .isInstanceOf(QueueException.class)
          .hasMessageContaining("the broker does not accept who this is")
          .hasMessageContaining("PULSAR_TOKEN");
      assertThatThrownBy(() -> queues.create(address, settings(wrong)))
          .isInstanceOf(QueueException.class)
          .hasMessageContaining("does not allow it (HTTP 401");
      assertThatThrownBy(() -> queues.open(address, settings(token("nobody", KEY))))
          .isInstanceOf(QueueException.class)
          .hasMessageContaining("this is not allowed");
    }
  }
}
