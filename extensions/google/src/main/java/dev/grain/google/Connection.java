package dev.grain.google;

import com.google.api.gax.core.CredentialsProvider;
import com.google.api.gax.core.FixedCredentialsProvider;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.retrying.RetrySettings;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.pubsub.v1.stub.GrpcPublisherStub;
import com.google.cloud.pubsub.v1.stub.GrpcSubscriberStub;
import com.google.cloud.pubsub.v1.stub.PublisherStub;
import com.google.cloud.pubsub.v1.stub.PublisherStubSettings;
import com.google.cloud.pubsub.v1.stub.SubscriberStub;
import com.google.cloud.pubsub.v1.stub.SubscriberStubSettings;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The clients of the service: of the part that delivers, and of the part that is published to.
 *
 * @param subscriber delivers
 * @param publisher is published to
 */
record Connection(SubscriberStub subscriber, PublisherStub publisher) implements AutoCloseable {
  /** Logs each failure with its stack trace, which callers get as well. */
  private static final Logger CHANNELS = Logger.getLogger("io.grpc.internal.ManagedChannelImpl");

  private static final String SCOPE = "https://www.googleapis.com/auth/pubsub";
  private static final int LARGEST_ANSWER = 20 * 1024 * 1024;
  private static final Duration CLOSE = Duration.ofSeconds(5);

  /** How long a call waits for messages; the service ends it before. */
  private static final Duration PULL = Duration.ofMinutes(2);

  private static final RetrySettings BOUNDED =
      RetrySettings.newBuilder()
          .setInitialRetryDelayDuration(Duration.ofMillis(100))
          .setRetryDelayMultiplier(2)
          .setMaxRetryDelayDuration(Duration.ofSeconds(2))
          .setInitialRpcTimeoutDuration(Duration.ofSeconds(10))
          .setMaxRpcTimeoutDuration(Duration.ofSeconds(10))
          .setRpcTimeoutMultiplier(1)
          .setTotalTimeoutDuration(Duration.ofSeconds(15))
          .build();

  /** Makes clients; they connect when they are needed. */
  static Connection open(Place place, QueueSettings settings) throws QueueException {
    if (CHANNELS.getLevel() == null) {
      CHANNELS.setLevel(Level.OFF);
    }
    Map<String, String> variables = settings.variables();
    String emulator = place.emulator();
    CredentialsProvider credentials =
        emulator == null ? credentials(place, variables) : NoCredentialsProvider.create();
    InstantiatingGrpcChannelProvider.Builder channels =
        SubscriberStubSettings.defaultGrpcTransportProviderBuilder()
            .setMaxInboundMessageSize(LARGEST_ANSWER);
    if (emulator != null) {
      channels.setEndpoint(emulator).setChannelConfigurator(channel -> channel.usePlaintext());
    }
    try {
      SubscriberStubSettings.Builder subscribing =
          SubscriberStubSettings.newBuilder()
              .setTransportChannelProvider(channels.build())
              .setCredentialsProvider(credentials)
              .applyToAllUnaryMethods(method -> {
                method.setRetrySettings(BOUNDED);
                return null;
              });
      subscribing.pullSettings().setSimpleTimeoutNoRetriesDuration(PULL);
      PublisherStubSettings publishing =
          PublisherStubSettings.newBuilder()
              .setTransportChannelProvider(channels.build())
              .setCredentialsProvider(credentials)
              .applyToAllUnaryMethods(method -> {
                method.setRetrySettings(BOUNDED);
                return null;
              })
              .build();
      return new Connection(
          GrpcSubscriberStub.create(subscribing.build()), GrpcPublisherStub.create(publishing));
    } catch (IOException e) {
      throw new QueueException(
          "The queue %s cannot be reached: %s. Name the key file of an account with GOOGLE_APPLICATION_CREDENTIALS."
              .formatted(place, Reasons.brief(e)),
          e);
    } catch (Exception e) {
      throw Reasons.failed(place, "reached", e);
    }
  }

  private static CredentialsProvider credentials(Place place, Map<String, String> variables)
      throws QueueException {
    String file = variables.getOrDefault("GOOGLE_APPLICATION_CREDENTIALS", "");
    if (file.isEmpty()) {
      return SubscriberStubSettings.defaultCredentialsProviderBuilder().build();
    }
    try (InputStream in = new FileInputStream(file)) {
      return FixedCredentialsProvider.create(GoogleCredentials.fromStream(in).createScoped(SCOPE));
    } catch (IOException e) {
      throw new QueueException(
          "The queue %s cannot be reached: GOOGLE_APPLICATION_CREDENTIALS is %s, which is no key file of an account (%s)."
              .formatted(place, file, Reasons.brief(e)),
          e);
    }
  }

  @Override
  public void close() {
    subscriber.shutdown();
    publisher.shutdown();
    try {
      var _ = subscriber.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
      var _ = publisher.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    subscriber.shutdownNow();
    publisher.shutdownNow();
  }
}
