package dev.grain.benchmarks;

import dev.grain.minion.QueueAddress;
import java.net.URI;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Schema;
import org.apache.pulsar.client.api.SubscriptionType;

/** Receives messages of a shared subscription, and acknowledges each when it is processed. */
final class PulsarByHand {
  private PulsarByHand() {}

  static void work(QueueAddress address, ByHand.Each each) throws Exception {
    URI server = URI.create(address.toString());
    try (PulsarClient client =
            PulsarClient.builder().serviceUrl("pulsar://" + server.getAuthority()).build();
        Consumer<String> consumer =
            client
                .newConsumer(Schema.STRING)
                .topic(server.getPath().substring(1))
                .subscriptionName(String.valueOf(address.parameters().get("subscription")))
                .subscriptionType(SubscriptionType.Shared)
                .subscribe()) {
      while (true) {
        Message<String> message = consumer.receive();
        each.process(message.getValue());
        var _ = consumer.acknowledgeAsync(message);
      }
    }
  }
}
