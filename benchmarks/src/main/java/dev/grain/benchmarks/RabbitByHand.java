package dev.grain.benchmarks;

import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import dev.grain.minion.QueueAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Has a hundred messages delivered ahead, and acknowledges each when it is processed. */
final class RabbitByHand {
  private static final int BATCH = 100;

  private RabbitByHand() {}

  static void work(QueueAddress address, ByHand.Each each) throws Exception {
    URI server = URI.create(address.toString());
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(server.getHost());
    factory.setPort(server.getPort());
    BlockingQueue<Delivery> delivered = new LinkedBlockingQueue<>();
    CancelCallback ignored = _ -> {};
    try (Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      channel.basicQos(BATCH);
      channel.basicConsume(
          server.getPath().substring(1), false, (_, message) -> delivered.add(message), ignored);
      while (true) {
        Delivery delivery = delivered.take();
        each.process(new String(delivery.getBody(), StandardCharsets.UTF_8));
        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
      }
    }
  }
}
