#! /usr/bin/env python3

# A list of C++ examples to run in order to ensure that they remain
# buildable and runnable over time.  Each tuple in the list contains
#
#     (example_name, do_run, do_valgrind_run).
#
# See test.py for more information.
cpp_examples = [
    ("all-to-all --endpoints=8 --bytes=1000000 --mtu=9000 --output=none", "True", "True"),
    ("all-to-all --fabric=rail-only --hosts=4 --endpoints=16 --bytes=200000 "
     "--loadBalancing=ecmp --congestionControl=dcqcn --output=none", "True", "False"),
    ("fabric-plans --servers=16", "True", "False"),
    ("fidelity-benchmark --part=0.001 --regions=1,2 --packetRegions=0", "True", "False"),
    ("mixnet-reference", "True", "False"),
    ("mixnet-training --model=mixtral-8x7b --layers=1 --mtu=16000 --output=none", "True", "False"),
    ("mixnet-training --model=qwen-moe --layers=1 --mtu=16000 "
     "--allocator=greedy-literal --controlLatency=5us --ocsTechnology=prototype --output=none",
     "True", "False"),
    ("ocs-reconfiguration --messageBytes=5000000 --swapAt=50us --swapBackAt=200us "
     "--reconfigurationDelay=25us --interval=100us", "True", "True"),
    ("packet-hop-benchmark --rounds=1 --bytes=100000 --packets=10000", "True", "False"),
    ("topoopt-mix --servers=8 --degrees=3 --shares=0,0.4 --rates=1", "True", "False"),
    ("training-graph --layers=4 --microbatches=2 --output=none", "True", "False"),
    ("training-traffic --iterations=100", "True", "False"),
]

# A list of Python examples to run in order to ensure that they remain
# runnable over time.  Each tuple in the list contains
#
#     (example_name, do_run).
#
# See test.py for more information.
python_examples = []
