# SPDX-License-Identifier: GPL-2.0-or-later
"""Which kind of machine an image is for."""

from harness.image import Image
from harness.machine import Machine
from harness.process_image import ProcessImage
from harness.process_machine import ProcessMachine
from harness.vm import Hardware, Vm


def power_on(image: Image) -> Machine:
    """Start the machine of an image."""
    if isinstance(image, ProcessImage):
        return ProcessMachine(image)
    return Vm(image, Hardware(processors=image.processors))
