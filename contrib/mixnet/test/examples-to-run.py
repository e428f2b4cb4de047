#! /usr/bin/env python3

# A list of C++ examples to run in order to ensure that they remain
# buildable and runnable over time.  Each tuple in the list contains
#
#     (example_name, do_run, do_valgrind_run).
#
# See test.py for more information.
cpp_examples = [
    ("mixnet-training --model=mixtral-8x7b --layers=1 --mtu=16000 --output=none", "True", "False"),
    ("mixnet-training --model=qwen-moe --layers=1 --mtu=16000 "
     "--allocator=greedy-literal --controlLatency=5us --ocsTechnology=prototype --output=none",
     "True", "False"),
    ("ocs-reconfiguration --messageBytes=5000000 --swapAt=50us --swapBackAt=200us "
     "--reconfigurationDelay=25us --interval=100us", "True", "True"),
]

# A list of Python examples to run in order to ensure that they remain
# runnable over time.  Each tuple in the list contains
#
#     (example_name, do_run).
#
# See test.py for more information.
python_examples = []
