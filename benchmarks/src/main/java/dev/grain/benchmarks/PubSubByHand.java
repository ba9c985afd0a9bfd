package dev.grain.benchmarks;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.pubsub.v1.stub.GrpcSubscriberStub;
import com.google.cloud.pubsub.v1.stub.SubscriberStub;
import com.google.cloud.pubsub.v1.stub.SubscriberStubSettings;
import com.google.pubsub.v1.AcknowledgeRequest;
import com.google.pubsub.v1.ProjectSubscriptionName;
import com.google.pubsub.v1.PullRequest;
import com.google.pubsub.v1.ReceivedMessage;
import dev.grain.minion.QueueAddress;

/** Pulls a hundred messages at a time, and acknowledges them together. */
final class PubSubByHand {
  private static final int BATCH = 100;

  private PubSubByHand() {}

  static void work(QueueAddress address, ByHand.Each each) throws Exception {
    String[] names = address.path().split("/", -1);
    String subscription = ProjectSubscriptionName.format(names[0], names[1]);
    SubscriberStubSettings settings =
        SubscriberStubSettings.newBuilder()
            .setEndpoint(String.valueOf(address.parameters().get("emulator")))
            .setCredentialsProvider(NoCredentialsProvider.create())
            .setTransportChannelProvider(
                SubscriberStubSettings.defaultGrpcTransportProviderBuilder()
                    .setChannelConfigurator(builder -> builder.usePlaintext())
                    .build())
            .build();
    PullRequest pull =
        PullRequest.newBuilder().setSubscription(subscription).setMaxMessages(BATCH).build();
    try (SubscriberStub subscriber = GrpcSubscriberStub.create(settings)) {
      while (true) {
        AcknowledgeRequest.Builder done =
            AcknowledgeRequest.newBuilder().setSubscription(subscription);
        for (ReceivedMessage message :
            subscriber.pullCallable().call(pull).getReceivedMessagesList()) {
          each.process(message.getMessage().getData().toStringUtf8());
          done.addAckIds(message.getAckId());
        }
        if (done.getAckIdsCount() > 0) {
          subscriber.acknowledgeCallable().call(done.build());
        }
      }
    }
  }
}
