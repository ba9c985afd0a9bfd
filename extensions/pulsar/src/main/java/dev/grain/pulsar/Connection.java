package dev.grain.pulsar;

import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pulsar.client.api.Authentication;
import org.apache.pulsar.client.api.AuthenticationFactory;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.impl.ClientBuilderImpl;
import org.apache.pulsar.client.impl.PulsarClientImpl;
import org.apache.pulsar.client.impl.auth.AuthenticationBasic;
import org.apache.pulsar.client.impl.auth.AuthenticationDisabled;
import org.apache.pulsar.common.util.netty.EventLoopUtil;
import org.apache.pulsar.shade.io.netty.channel.EventLoopGroup;
import org.apache.pulsar.shade.io.netty.util.concurrent.DefaultThreadFactory;
import tools.jackson.databind.json.JsonMapper;

/** A client and its thread. Closing takes no longer than the broker does, unlike with others. */
final class Connection implements AutoCloseable {
  /** How long a broker that does not answer is waited for. */
  private static final int ANSWER_SECONDS = 10;

  private static final int CONNECT_SECONDS = 5;
  private static final int SLOWEST_RECONNECT_SECONDS = 5;
  private static final int CLOSE_SECONDS = 5;

  private final PulsarClient client;
  private final EventLoopGroup loop;

  private Connection(PulsarClient client, EventLoopGroup loop) {
    this.client = client;
    this.loop = loop;
  }

  /** Makes a client; it connects when it is needed. */
  static Connection open(Place place, Authentication authentication) throws QueueException {
    ClientBuilderImpl builder = new ClientBuilderImpl();
    builder
        .serviceUrl(place.service())
        .authentication(authentication)
        .listenerThreads(1)
        .connectionTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
        .operationTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
        .lookupTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
        .maxBackoffInterval(SLOWEST_RECONNECT_SECONDS, TimeUnit.SECONDS);
    if (place.isTls()) {
      builder.enableTlsHostnameVerification(true);
      if (place.ca() != null) {
        builder.tlsTrustCertsFilePath(place.ca().toString());
      }
    }
    // that of the client stays for two seconds after all is closed
    EventLoopGroup loop =
        EventLoopUtil.newEventLoopGroup(1, false, new DefaultThreadFactory("grain-pulsar", true));
    try {
      PulsarClient client =
          PulsarClientImpl.builder()
              .conf(builder.getClientConfigurationData())
              .eventLoopGroup(loop)
              .build();
      return new Connection(client, loop);
    } catch (PulsarClientException e) {
      end(loop);
      throw Reasons.failed(place, "reached", e);
    }
  }

  private static void end(EventLoopGroup loop) {
    var _ = loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  PulsarClient client() {
    return client;
  }

  /** Returns who this is, as the address and the variables say. */
  static Authentication authentication(Place place, QueueSettings settings) throws QueueException {
    Map<String, String> variables = settings.variables();
    String plugin = variables.getOrDefault("PULSAR_AUTH_PLUGIN", "");
    String token = variables.getOrDefault("PULSAR_TOKEN", "");
    try {
      Authentication authentication;
      if (place.user() != null) {
        Map<String, String> who =
            Map.of("userId", place.user(), "password", String.valueOf(place.password()));
        authentication =
            AuthenticationFactory.create(
                AuthenticationBasic.class.getName(), new JsonMapper().writeValueAsString(who));
      } else if (!plugin.isEmpty()) {
        authentication =
            AuthenticationFactory.create(plugin, variables.getOrDefault("PULSAR_AUTH_PARAMS", ""));
      } else if (!token.isEmpty()) {
        authentication = AuthenticationFactory.token(token);
      } else {
        authentication = AuthenticationDisabled.INSTANCE;
      }
      authentication.start();
      return authentication;
    } catch (PulsarClientException e) {
      throw new QueueException(
          "The queue %s cannot be opened: PULSAR_AUTH_PLUGIN is %s, which cannot be used (%s)."
              .formatted(place, plugin, Reasons.brief(e)),
          e);
    }
  }

  /** Closes what was opened with the client, and waits for that within bounds. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    CompletableFuture<Void> closed = client.closeAsync();
    try {
      closed.get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // the broker is not there; what it has of this client ends with the connection
    } catch (InterruptedException e) {
      interrupted = true;
    }
    end(loop);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
